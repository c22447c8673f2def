//! `mentalspace user …`

use clap::Subcommand;
use kernel::Role;

use super::{Place, Refused, find_practice, secret_from_stdin};

/// What can be done with accounts.
#[derive(Subcommand)]
pub enum User {
    /// Create an active account; prints its id. The person sets up an authenticator app at the first sign-in
    Create {
        /// The practice's slug
        #[arg(long, value_name = "SLUG")]
        practice: String,
        /// The e-mail address
        #[arg(long)]
        email: String,
        /// Given name
        #[arg(long)]
        given_name: String,
        /// Family name
        #[arg(long)]
        family_name: String,
        /// Roles, separated by commas, such as clinician,supervisor
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List accounts: id, e-mail, status, roles, separated by tabs
    List {
        /// The practice's slug
        #[arg(long, value_name = "SLUG")]
        practice: String,
        #[command(flatten)]
        place: Place,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<(), Refused> {
        match self {
            Self::Create {
                practice,
                email,
                given_name,
                family_name,
                roles,
                password_stdin: _,
                place,
            } => {
                let roles = roles
                    .iter()
                    .map(|word| {
                        word.parse::<Role>()
                            .map_err(|_| Refused::Rule(format!("there is no role {word}; roles are {}", role_words())))
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                let password = secret_from_stdin()?;
                place
                    .with(async |house| {
                        let practice = find_practice(house, &practice).await?;
                        let new = identity::NewAccount {
                            email,
                            given_name,
                            family_name,
                            credentials: None,
                            // Whoever treats can be booked; an administrator may change that on the person's page.
                            bookable: roles.iter().any(|role| {
                                matches!(
                                    role,
                                    Role::Clinician | Role::Supervisor | Role::Supervisee | Role::Intern
                                )
                            }),
                            roles,
                            password,
                            with_totp: false,
                        };
                        let made = identity::create_account(
                            &house.app,
                            practice,
                            &super::house_actor(house, practice).await?,
                            new,
                        )
                        .await
                        .map_err(kernel::Refusal::from)?;
                        println!("{}", made.user);
                        Ok(())
                    })
                    .await
            }
            Self::List { practice, place } => {
                place
                    .with(async |house| {
                        let practice = find_practice(house, &practice).await?;
                        let tx = house.app.db.begin(practice).await?;
                        for line in identity::list_accounts(&tx).await? {
                            println!("{}\t{}\t{}\t{}", line.id, line.email, line.status, line.roles.join(","));
                        }
                        Ok(())
                    })
                    .await
            }
        }
    }
}

fn role_words() -> String {
    Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ")
}
