//! `mentalspace api-key …`

use clap::Subcommand;

use super::{Place, Refused, find_practice};

/// What can be done with keys for programs.
#[derive(Subcommand)]
pub enum ApiKey {
    /// Make a key; prints the key alone, once
    Create {
        /// The practice's slug
        #[arg(long, value_name = "SLUG")]
        practice: String,
        /// The account whose rights it has at most
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// Permissions separated by commas, such as client.read,schedule.read; or * for all that the account has
        #[arg(long, value_name = "LIST", value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// Days until it expires, at most 365
        #[arg(long, default_value_t = 90)]
        days: u16,
        #[command(flatten)]
        place: Place,
    },
}

impl ApiKey {
    pub(super) async fn run(self) -> Result<(), Refused> {
        let Self::Create {
            practice,
            user,
            scopes,
            days,
            place,
        } = self;
        place
            .with(async |house| {
                let practice = find_practice(house, &practice).await?;
                let tx = house.app.db.begin(practice).await?;
                let account = identity::find_account(&tx, &user).await?;
                let account =
                    account.ok_or_else(|| Refused::Rule(format!("there is no account {user} in this practice")))?;
                let key = identity::create_key(
                    &tx,
                    &super::house_actor(house, practice).await?,
                    account,
                    "command line",
                    &scopes,
                    days,
                )
                .await
                .map_err(|error| Refused::from(kernel::Refusal::from(&error)))?;
                tx.commit().await?;
                println!("{key}");
                Ok(())
            })
            .await
    }
}
