.PHONY: setup demo docs static wheel test test-static test-target test-newer fuzz-figures test-faults test-memory fuzz lint lint-all bench bench-cores

# Installs the libraries, the tools and the Python environments that are missing.
setup:
	bash scripts/setup.sh

# Draws an animated plot and saves it as demo.mp4.
demo:
	bash scripts/demo.sh

# Builds the documentation website in target/site, with the movies of its gallery.
docs:
	bash scripts/docs.sh

# Builds the program as one file, with FFmpeg and its encoders in it. FLAVOR=small leaves out the large encoders. TARGET
# selects another system: aarch64-unknown-linux-gnu or x86_64-pc-windows-gnu.
static:
	bash scripts/static.sh

# Builds the Python package, with FFmpeg and its encoders in it. FLAVOR and TARGET are the same as for "make static".
wheel:
	bash scripts/wheel.sh

# Runs every check that must pass before a change is merged.
test:
	bash scripts/test.sh

# Runs the tests with the static build, which has FFmpeg and its encoders in it.
test-static:
	bash scripts/test.sh static

# Runs the tests for another system, TARGET, under qemu or wine. FLAVOR=full includes the large encoders.
test-target:
	bash scripts/test-target.sh

# Runs the Python tests with the versions of Python and FFmpeg of another Debian release, SUITE: forky by default.
test-newer:
	bash scripts/test-newer.sh

# Draws random figures with framemill and with Matplotlib, and compares them. EXAMPLES is the number of figures, 4,000
# by default; SEED is the seed, random by default.
fuzz-figures:
	bash scripts/fuzz-figures.sh

# Makes system calls fail, kills runs, damages files, runs several at once and cuts the power: about 10,000 cases. CASES
# limits the cases of each campaign.
test-faults:
	bash scripts/test-faults.sh

# Looks for memory errors and leaks with AddressSanitizer and valgrind. Takes about half an hour.
test-memory:
	bash scripts/test-memory.sh

# Fuzzes the readers of inputs, options and part files: SECONDS per target, 600 by default.
SECONDS ?= 600
fuzz:
	bash scripts/fuzz.sh $(SECONDS)

# Checks formatting and lints only.
lint:
	bash scripts/lint.sh

# Checks the lints, and the licenses and sources of all crates in framemill. Run it before a release.
lint-all:
	bash scripts/lint-all.sh

# Compares framemill with other tools that make movies, and writes benches/RESULTS.md. Takes about 25 minutes.
bench:
	bash scripts/bench.sh

# Measures the frames per second with 1, 2, 4, … --jobs, up to the number of processors.
bench-cores:
	bash scripts/setup.sh demo
	cargo build --release --quiet --bin framemill
	.venv/bin/python benches/jobs.py
