//! Measurements of this process by the operating system.

use std::fs;
use std::time::Duration;

/// Returns the processor time of all threads of this process; zero if the system does not report it.
#[cfg(unix)]
pub(super) fn cpu_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

#[cfg(not(unix))]
pub(super) fn cpu_time() -> Duration {
    Duration::ZERO
}

/// Returns the peak memory of this process in bytes; 0 if the system does not report it. Only Linux does.
pub(super) fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kibibytes.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_resources() {
        assert!(!cfg!(unix) || cpu_time() > Duration::ZERO);
        assert!(!cfg!(target_os = "linux") || peak_memory() > 1 << 20);
    }
}
