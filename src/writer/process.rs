//! What the system says of this process.

use std::fs;
use std::time::Duration;

/// What all threads of this process have had of the processors; zero where the system does not report it.
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

/// The most memory that this process has had at once, in bytes; 0 where the system does not report it, as only Linux does.
pub(super) fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kibibytes.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_had_something() {
        assert!(!cfg!(unix) || cpu_time() > Duration::ZERO);
        assert!(!cfg!(target_os = "linux") || peak_memory() > 1 << 20);
    }
}
