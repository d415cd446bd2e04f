//! Prints messages to standard error. If that fails, because it is closed or its disk is full, the run continues.

use std::fmt;
use std::io::{self, Write};

/// Prints a line.
pub(crate) fn print_line(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints each warning of the library as one line, in the format of this program's messages.
pub(crate) struct Warnings;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let mut message = Message::default();
        event.record(&mut message);
        print_line(format_args!("framemill: {}", message.0));
    }
}

#[derive(Default)]
struct Message(String);

impl tracing::field::Visit for Message {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
