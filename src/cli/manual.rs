//! The manual page: one page for the program, with a section for every command.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// Writes the page as roff.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(out: &mut dyn Write, program: Command) -> io::Result<()> {
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    let after = program.get_after_help().map(ToString::to_string);
    let man = Man::new(program);
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    for command in commands {
        section(out, "credlint", command)?;
    }
    if let Some(text) = after {
        writeln!(out, ".SH \"EXAMPLES AND EXIT CODES\"")?;
        verbatim(out, &text)?;
    }
    man.render_version_section(out)
}

/// The section of one command, and those of its own commands behind it.
fn section(out: &mut dyn Write, parent: &str, command: Command) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string);
    let inner: Vec<Command> = command.get_subcommands().cloned().collect();
    writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
    verbatim(out, &about.unwrap_or_default())?;
    let mut options = Vec::new();
    Man::new(command.disable_help_flag(true)).render_options_section(&mut options)?;
    for line in String::from_utf8_lossy(&options).lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => writeln!(out, ".SS {heading}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    inner
        .into_iter()
        .try_for_each(|command| section(out, &name, command))
}

/// Text that keeps its line breaks. A dot or quote at the start of a line, a backslash and a
/// hyphen mean something to roff.
fn verbatim(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, ".nf")?;
    for line in text.lines() {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        let guard = if line.starts_with(['.', '\'']) {
            "\\&"
        } else {
            ""
        };
        writeln!(out, "{guard}{line}")?;
    }
    writeln!(out, ".fi")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{verbatim, write};
    use crate::cli::args::Cli;

    #[test]
    fn the_page_has_every_command_and_every_option() {
        let mut page = Vec::new();
        write(&mut page, Cli::command()).unwrap();
        let page = String::from_utf8(page).unwrap();
        let mut commands = vec![Cli::command()];
        let mut seen = 0;
        while let Some(command) = commands.pop() {
            for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                let roff = format!("\\-\\-{}", option.replace('-', "\\-"));
                assert!(page.contains(&roff), "{option}");
                seen += 1;
            }
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(seen > 20, "{seen}");
        for heading in ["CREDLINT SCAN", "CREDLINT RULES TEST", "CREDLINT MAN"] {
            assert!(page.contains(&format!(".SH \"{heading}\"")), "{heading}");
        }
    }

    #[test]
    fn text_means_nothing_to_roff() {
        let mut out = Vec::new();
        verbatim(&mut out, ".so x\n'y\na\\b --c").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            ".nf\n\\&.so x\n\\&'y\na\\eb \\-\\-c\n.fi\n"
        );
    }
}
