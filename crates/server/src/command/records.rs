//! `mentalspace import …` and `mentalspace audit …`

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use identity::audit::chain::{self, Verdict};

use super::{Place, Refused, find_practice};

/// How a report is printed.
#[derive(Clone, Copy, ValueEnum)]
pub enum ReportForm {
    /// For people.
    Text,
    /// For scripts.
    Json,
}

/// What can be brought in.
#[derive(Subcommand)]
pub enum Import {
    /// FHIR R4 bundles. Exit code 0 when everything arrived, 6 when some entries or files were refused
    Fhir {
        /// The practice's slug
        #[arg(long, value_name = "SLUG")]
        practice: String,
        /// Only try it: report what would happen and write nothing
        #[arg(long)]
        dry_run: bool,
        /// How the report is printed
        #[arg(long, value_enum, default_value_t = ReportForm::Text)]
        report: ReportForm,
        /// Bundles
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Refused> {
        let Self::Fhir {
            practice,
            dry_run,
            report: form,
            files,
            place,
        } = self;
        place
            .with(async |house| {
                let practice = find_practice(house, &practice).await?;
                let actor = super::house_actor(house, practice).await?;
                let report = interop::import_files(&house.app, practice, &actor, &files, dry_run).await;
                match form {
                    ReportForm::Text => println!("{}", report.as_text()),
                    ReportForm::Json => println!(
                        "{}",
                        serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?
                    ),
                }
                if report.is_whole() {
                    Ok(())
                } else {
                    Err(Refused::Partly(
                        "some entries or files were refused; the report names each".to_owned(),
                    ))
                }
            })
            .await
    }
}

/// What can be done with the audit log.
#[derive(Subcommand)]
pub enum Audit {
    /// Verify the chain: exit code 0 and the last sequence number, or 1 and the first broken one
    Verify {
        /// The practice's slug
        #[arg(long, value_name = "SLUG")]
        practice: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Refused> {
        let Self::Verify { practice, place } = self;
        place
            .with(async |house| {
                let practice = find_practice(house, &practice).await?;
                // What was written a moment ago is linked first, so that the answer covers it.
                chain::link_all(&house.app.db).await?;
                let tx = house.app.db.begin(practice).await?;
                match chain::verify(&tx).await? {
                    Verdict::Intact { last } => {
                        println!("{last}");
                        eprintln!("The audit log is intact.");
                        Ok(())
                    }
                    Verdict::Broken { sequence, why } => {
                        println!("{sequence}");
                        Err(Refused::Broken(format!(
                            "the audit log is broken at sequence {sequence}: {why}"
                        )))
                    }
                }
            })
            .await
    }
}
