//! How the benchmarks reach the database: by a URL, or through the data folder of a server with its own database.

use std::path::PathBuf;

use clap::Args;
use embedded::Cluster;
use tokio_postgres::{Client, Config, NoTls};

use crate::BenchError;

/// Where the database is.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// Connection string of the database's owner (a superuser)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Data folder of a server that runs a database of its own
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A database that stays reachable while this value lives.
pub(crate) struct Database {
    /// How it is reached.
    pub(crate) config: Config,
    cluster: Option<Cluster>,
}

impl Place {
    /// Finds the database; starts the one of a data folder if no server does.
    pub(crate) fn open(&self) -> Result<Database, BenchError> {
        let Some(data) = &self.data else {
            return Ok(Database {
                config: self.url.as_deref().unwrap_or_default().parse()?,
                cluster: None,
            });
        };
        let cluster = Cluster::open(data, None)?;
        let connection = cluster.connection();
        let mut config = Config::new();
        config
            .host_path(&connection.socket_dir)
            .port(connection.port)
            .user(&connection.superuser)
            .password(&connection.password)
            .dbname(&connection.database);
        Ok(Database {
            config,
            cluster: Some(cluster),
        })
    }
}

impl Database {
    /// A connection of its own; it ends when the client is dropped.
    pub(crate) async fn connect(&self) -> Result<Client, BenchError> {
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(async move {
            // The statement that was under way reports the same fault to whoever waits for it.
            let _ = connection.await;
        });
        Ok(client)
    }

    /// Lets go of a database that was started for this run.
    pub(crate) fn close(self) -> Result<(), BenchError> {
        self.cluster.map_or(Ok(()), Cluster::close).map_err(BenchError::from)
    }
}

/// What PostgreSQL said, since the driver's own text is only "db error".
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    let Some(database) = error.as_db_error() else {
        return error.to_string();
    };
    let detail = database
        .detail()
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    format!("{}{detail}", database.message())
}
