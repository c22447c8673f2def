//! `mentalspace migrate`, `doctor` and `psql`.

use clap::Args;

use super::{Place, Refused};
use crate::house::{House, HouseError};
use platform::causes;

/// Brings the schema up to date; prints the newest migration's number.
pub(super) async fn migrate(place: &Place) -> Result<(), Refused> {
    place
        .with(async |_house| {
            println!("{}", platform::migrate::latest());
            eprintln!("The database is up to date.");
            Ok(())
        })
        .await
}

/// One check after the other; says of each whether it holds, and how to mend it if not.
pub(super) async fn doctor(place: &Place) -> Result<(), Refused> {
    let config = place.config(None)?;
    println!("data folder      {}", config.data.display());
    let house = match House::open(config).await {
        Ok(house) => house,
        Err(error) => {
            println!("database         broken: {}", causes(&error));
            println!("mend it          {}", remedy(&error));
            return Err(Refused::Broken(
                "the house can't be opened; the lines above say how to mend it".to_owned(),
            ));
        }
    };
    let mut broken = 0;
    let mut say = |name: &str, result: Result<String, String>| match result {
        Ok(words) => println!("{name:<16} fine: {words}"),
        Err(words) => {
            broken += 1;
            println!("{name:<16} broken: {words}");
        }
    };
    say(
        "database",
        house
            .app
            .db
            .ping()
            .await
            .map(|()| "answers".to_owned())
            .map_err(|error| error.to_string()),
    );
    say("schema", Ok(format!("migration {}", platform::migrate::latest())));
    say("files", files(&house).await);
    say(
        "mail",
        Ok(house.app.config.smtp.as_ref().map_or_else(
            || "no server; mail stays in the outbox".to_owned(),
            |smtp| format!("by {}", smtp.host),
        )),
    );
    say(
        "address",
        match &house.app.config.public_url {
            Some(url) if url.starts_with("https://") => Ok(url.clone()),
            Some(url) => Err(format!(
                "{url} is not https; put a proxy with TLS before the server and set public_url"
            )),
            None => Ok("public_url is not set; fine on one machine, set it when others connect".to_owned()),
        },
    );
    if let Some(trouble) = house.cluster.as_ref().and_then(embedded::Cluster::trouble) {
        say("postgresql", Err(trouble));
    }
    house.close().await?;
    if broken == 0 {
        Ok(())
    } else {
        Err(Refused::Broken(format!("{broken} of the checks above failed")))
    }
}

async fn files(house: &House) -> Result<String, String> {
    let name = "doctor/probe";
    house
        .app
        .files
        .put(name, b"probe")
        .await
        .map_err(|error| causes(&error))?;
    house.app.files.remove(name).await.map_err(|error| causes(&error))?;
    Ok("can be written".to_owned())
}

const fn remedy(error: &HouseError) -> &'static str {
    match error {
        HouseError::Folder { .. } => "make the folder writable for this user, or choose another with --data",
        HouseError::Cluster(_) => "the line above says what PostgreSQL needs",
        HouseError::Url(_) | HouseError::NoOwner => {
            "correct the URLs in the configuration; see mentalspace.example.toml"
        }
        HouseError::Migrate(_) | HouseError::Role(_) | HouseError::Store(_) | HouseError::Demo(_) => {
            "check that the database runs and that the owner's role may change the schema"
        }
        HouseError::Keys(_) => "restore keys/master.key from its backup",
    }
}

/// A superuser shell on the embedded database.
#[derive(Args)]
pub struct Psql {
    /// Run this SQL and exit; without it the shell is interactive
    #[arg(short = 'c', long, value_name = "SQL")]
    command: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Psql {
    pub(super) async fn run(self) -> Result<(), Refused> {
        let config = self.place.config(None)?;
        let house = House::open(config).await?;
        let done = match &self.command {
            Some(sql) => run_sql(&house, sql).await,
            None => shell(&house).await,
        };
        house.close().await?;
        done
    }
}

/// Runs commands as the schema's owner and prints rows as `psql --tuples-only --no-align` does. Needs no psql.
async fn run_sql(house: &House, sql: &str) -> Result<(), Refused> {
    let (client, connection) = house
        .owner
        .connect(tokio_postgres::NoTls)
        .await
        .map_err(HouseError::Role)?;
    let driver = tokio::spawn(connection);
    let answer = client.simple_query(sql).await;
    drop(client);
    let _closed = driver.await;
    for message in answer.map_err(|error| Refused::Rule(causes(&error)))? {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            let cells: Vec<&str> = (0..row.len()).map(|index| row.get(index).unwrap_or_default()).collect();
            println!("{}", cells.join("|"));
        }
    }
    Ok(())
}

async fn shell(house: &House) -> Result<(), Refused> {
    let Some(cluster) = &house.cluster else {
        return Err(Refused::Rule(
            "the database is not embedded; use psql with its URL".to_owned(),
        ));
    };
    let connection = cluster.connection();
    let mut shell = tokio::process::Command::new("psql");
    shell
        .arg("--host")
        .arg(&connection.socket_dir)
        .arg("--port")
        .arg(connection.port.to_string())
        .arg("--username")
        .arg(&connection.superuser)
        .arg("--dbname")
        .arg(&connection.database)
        .env("PGPASSWORD", &connection.password);
    match shell.status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Refused::Rule(format!("psql ended with {status}"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Refused::Rule(
            "psql is not installed; install it with: apt-get install postgresql-client, or give SQL with -c".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}
