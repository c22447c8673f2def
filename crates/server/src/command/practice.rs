//! `mentalspace practice …`

use clap::Subcommand;

use super::{Place, Refused, secret_from_stdin};

/// What can be done with practices.
#[derive(Subcommand)]
pub enum Practice {
    /// Open a practice with its owner; prints the practice's id
    Create {
        /// Its name in addresses: small letters, digits, hyphens
        #[arg(long)]
        slug: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// Its IANA time zone, such as America/New_York
        #[arg(long, value_name = "ZONE")]
        time_zone: String,
        /// The owner's e-mail address
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// Read the owner's password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Practice {
    pub(super) async fn run(self) -> Result<(), Refused> {
        let Self::Create {
            slug,
            name,
            time_zone,
            owner,
            password_stdin: _,
            place,
        } = self;
        let password = secret_from_stdin()?;
        place
            .with(async |house| {
                let new = identity::NewPractice {
                    slug,
                    name,
                    time_zone,
                    owner_email: owner,
                    owner_password: password,
                    is_demo: false,
                };
                let opened = identity::open_practice(&house.app, new)
                    .await
                    .map_err(kernel::Refusal::from)?;
                let tx = house.app.db.begin(opened.practice).await?;
                let actor = super::house_actor(house, opened.practice).await?;
                scheduling::seed_default_types(&tx, &actor)
                    .await
                    .map_err(|error| Refused::from(kernel::Refusal::from(&error)))?;
                tx.commit().await?;
                println!("{}", opened.practice);
                eprintln!("The practice is open. Its owner sets up an authenticator app at the first sign-in.");
                Ok(())
            })
            .await
    }
}
