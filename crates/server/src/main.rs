//! `mentalspace`: the command line. Standard output is for scripts, standard error for words.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = server::command::Command::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            eprintln!("mentalspace: {refused}");
            ExitCode::from(refused.code())
        }
    }
}
