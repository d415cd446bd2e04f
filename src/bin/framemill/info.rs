//! Information about the program: `codecs`, `completions`, `man`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use framemill::{AudioCodec, Codec, Container, PixelFormat};

use crate::args::Arguments;

pub(crate) fn print_codecs() -> anyhow::Result<ExitCode> {
    let info = framemill::build_info();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<9} {:<11} {:<9} {:<22} pixel formats (the first is the default)",
        "codec", "encoder", "", "containers"
    )?;
    for codec in Codec::all() {
        let available = info.codecs.iter().any(|(name, _, available)| *name == codec.name() && *available);
        let containers: Vec<&str> = codec.containers().iter().copied().map(Container::name).collect();
        let formats: Vec<&str> = codec.pixel_formats().iter().copied().map(PixelFormat::name).collect();
        writeln!(
            out,
            "{:<9} {:<11} {:<9} {:<22} {}",
            codec.name(),
            codec.encoder_name(),
            if available { "" } else { "missing" },
            containers.join(" "),
            formats.join(" "),
        )?;
    }
    writeln!(out, "\n{:<9} {:<11} {:<9} containers", "sound", "encoder", "")?;
    for (name, encoder, available) in &info.audio_codecs {
        let available = if *available { "" } else { "missing" };
        writeln!(out, "{name:<9} {encoder:<11} {available:<9} {}", holders(name).join(" "))?;
    }
    writeln!(out, "\ninput pixel formats: {}", PixelFormat::ALL.map(PixelFormat::name).join(" "))?;
    writeln!(out, "\nframemill {}, FFmpeg {}", env!("CARGO_PKG_VERSION"), info.ffmpeg)?;
    for (library, version) in &info.libraries {
        writeln!(out, "{library} {version}")?;
    }
    writeln!(
        out,
        "\nframemill's own sources are MIT OR Apache-2.0. This build links FFmpeg under {},",
        info.license
    )?;
    writeln!(out, "which is therefore the license of the whole program.")?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the containers that can hold sound of this codec.
fn holders(codec: &str) -> Vec<&'static str> {
    let holds = |container: &Container| AudioCodec::held_by(*container).iter().any(|held| held.name() == codec);
    Container::ALL.into_iter().filter(holds).map(Container::name).collect()
}

pub(crate) fn print_completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "framemill", &mut text);
    io::stdout().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints one page with all commands: clap_mangen makes one for each, which are joined.
pub(crate) fn print_man_page() -> anyhow::Result<ExitCode> {
    let mut command = Arguments::command();
    command.build();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for subcommand in command.get_subcommands() {
        let man = clap_mangen::Man::new(subcommand.clone());
        writeln!(text, ".SH \"{}\"", subcommand.get_name().to_uppercase())?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
    }
    io::stdout().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}
