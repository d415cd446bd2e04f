.PHONY: setup demo docs static wheel test test-static test-target fuzz-figures test-faults test-memory fuzz lint lint-all bench bench-cores

# Installs what is missing: the libraries, the tools, a Python environment for the demonstration.
setup:
	bash scripts/setup.sh

# Draws a plot that moves and makes demo.mp4 of it.
demo:
	bash scripts/demo.sh

# The documentation as a website, in target/site, with the movies of its gallery.
docs:
	bash scripts/docs.sh

# The program as one file, with FFmpeg and its encoders in it. FLAVOR=small leaves the large encoders out. TARGET names
# another system: aarch64-unknown-linux-gnu, x86_64-pc-windows-gnu; also for the package below.
static:
	bash scripts/static.sh

# The Python package, with FFmpeg and its encoders in it. FLAVOR=small leaves the large encoders out.
wheel:
	bash scripts/wheel.sh

# Everything that must hold before a change is merged.
test:
	bash scripts/test.sh

# The same tests, of framemill with FFmpeg and its encoders in it.
test-static:
	bash scripts/test.sh static

# The tests of framemill for another system, TARGET, under qemu or wine. FLAVOR=full has the large encoders too.
test-target:
	bash scripts/test-target.sh

# Draws random figures by framemill and by Matplotlib, and compares them: 4,000, or EXAMPLES of them from SEED on.
fuzz-figures:
	bash scripts/fuzz-figures.sh

# Makes system calls fail, kills runs, damages files, lets runs race and cuts the power: some 10,000 cases, or CASES of
# each campaign.
test-faults:
	bash scripts/test-faults.sh

# Memory errors and leaks, by AddressSanitizer and valgrind; about half an hour.
test-memory:
	bash scripts/test-memory.sh

# Random inputs, options and part files: SECONDS of each target, 600 by default.
SECONDS ?= 600
fuzz:
	bash scripts/fuzz.sh $(SECONDS)

# Formatting and lints only.
lint:
	bash scripts/lint.sh

# The lints, and the licenses and sources of the crates that framemill is built of; before a release.
lint-all:
	bash scripts/lint-all.sh

# Measures framemill beside the other ways to make a movie, and writes benches/RESULTS.md; about 25 minutes.
bench:
	bash scripts/bench.sh

# Measures how frames a second grow with --jobs, up to the processors of this machine.
bench-cores:
	bash scripts/setup.sh demo
	cargo build --release --quiet --bin framemill
	.venv/bin/python benches/jobs.py
