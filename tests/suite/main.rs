//! Tests framemill's public API and program. Independent readers check the movies: the ffmpeg and ffprobe programs, and
//! an MP4 parser in Rust.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod alpha;
mod arrays;
mod audio;
mod buffers;
mod color_formulas;
mod colors;
mod damage;
mod edges;
mod encoder_params;
mod faulty_sink;
mod guard;
mod hevc;
mod inspect;
mod jobs;
mod join;
mod join_memory;
mod metadata;
mod nothing_lost;
mod npy;
mod options;
mod parts;
mod pictures;
mod pixel_formats;
mod plan;
mod program;
mod reader;
mod recovery;
mod refused;
mod resume;
mod round_trip;
mod samples;
mod sinks;
mod size_limit;
mod statistics;
mod tags;
mod timing;
mod writer;
