//! The house made from its configuration: database (embedded unless a URL is given), keys, files, clock.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use embedded::Cluster;
use platform::events::Subscribers;
use platform::{App, Clock, Config, Db, files, keys, live, migrate};

/// Why the house can't be opened; one clear line each.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The data folder can't be made or written.
    #[error("can't use the data folder {folder}: {source}")]
    Folder {
        /// The folder.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// The embedded database.
    #[error("{0}")]
    Cluster(#[from] embedded::ClusterError),
    /// A database URL that can't be read.
    #[error("the database URL is not right: {0}")]
    Url(tokio_postgres::Error),
    /// A URL without its owner's twin.
    #[error("with database_url also set database_owner_url, the role that owns the schema, for migrations")]
    NoOwner,
    /// Migrations.
    #[error("can't bring the database up to date: {}", platform::causes(.0))]
    Migrate(#[from] migrate::MigrateError),
    /// The application's role.
    #[error("can't set up the application's database role: {}", platform::causes(.0))]
    Role(tokio_postgres::Error),
    /// Keys.
    #[error("{}", platform::causes(.0))]
    Keys(#[from] keys::KeyError),
    /// The demonstration practice.
    #[error("can't make the demonstration practice: {0}")]
    Demo(String),
    /// The pool.
    #[error("{0}")]
    Store(#[from] platform::StoreError),
}

/// The open house. Closing it lets go of the embedded database.
pub struct House {
    /// What handlers and jobs reach.
    pub app: App,
    /// How the schema's owner connects.
    pub owner: tokio_postgres::Config,
    /// How the application connects.
    pub application: tokio_postgres::Config,
    /// The embedded database, unless a URL was given.
    pub cluster: Option<Cluster>,
}

impl House {
    /// Opens the house: starts or joins the embedded database, brings the schema up to date.
    ///
    /// # Errors
    /// See [`HouseError`].
    pub async fn open(config: Config) -> Result<Self, HouseError> {
        make_private(&config.data)?;
        let (owner, application, cluster) = match &config.database_url {
            Some(url) => {
                let owner = config.database_owner_url.as_ref().ok_or(HouseError::NoOwner)?;
                let application = url.parse().map_err(HouseError::Url)?;
                (owner.parse().map_err(HouseError::Url)?, application, None)
            }
            None => embedded_database(&config).await?,
        };
        migrate::run(&owner).await?;
        if cluster.is_some() {
            give_password(&owner, &application).await?;
        }
        let clock = config.clock_file.clone().map_or_else(Clock::system, Clock::from_file);
        let db = Db::new(
            application.clone(),
            config.database_connections,
            clock.clone(),
            subscribers(),
        )?;
        let app = App {
            db,
            clock,
            keys: Arc::new(keys::Keys::open(&config.data.join("keys/master.key"))?),
            files: Arc::new(files::Folder::new(config.data.join("files"))),
            live: live::Live::default(),
            printer: Arc::new(documents::TypstPrinter::new()),
            config: Arc::new(config),
        };
        Ok(Self {
            app,
            owner,
            application,
            cluster,
        })
    }

    /// Closes the pool and lets go of the embedded database, which stops when nobody else uses it.
    ///
    /// # Errors
    /// It does not stop in time; the data are safe all the same.
    pub async fn close(self) -> Result<(), HouseError> {
        self.app.db.close();
        if let Some(cluster) = self.cluster {
            let closed = tokio::task::spawn_blocking(move || cluster.close()).await;
            closed.unwrap_or(Ok(()))?;
        }
        Ok(())
    }
}

/// What listens to the rooms' events within their transactions.
#[must_use]
pub fn subscribers() -> Subscribers {
    let mut subscribers = Subscribers::default();
    clinical::subscribe(&mut subscribers);
    subscribers
}

type Databases = (tokio_postgres::Config, tokio_postgres::Config, Option<Cluster>);

async fn embedded_database(config: &Config) -> Result<Databases, HouseError> {
    let (data, binaries) = (config.data.clone(), config.postgres_bin.clone());
    let opened = tokio::task::spawn_blocking(move || Cluster::open(&data, binaries.as_deref())).await;
    let cluster = opened.map_err(|error| folder(&config.data)(std::io::Error::other(error)))??;
    let connection = cluster.connection();
    let mut owner = tokio_postgres::Config::new();
    owner
        .host_path(&connection.socket_dir)
        .port(connection.port)
        .user(&connection.superuser)
        .password(&connection.password)
        .dbname(&connection.database);
    let mut application = owner.clone();
    application
        .user("mentalspace_app")
        .password(application_password(&config.data)?);
    Ok((owner, application, Some(cluster)))
}

/// The application role's password: drawn at the first start, kept beside the keys.
fn application_password(data: &Path) -> Result<String, HouseError> {
    let path = data.join("keys/database.password");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make_private(&data.join("keys"))?;
            let fresh = uuid::Uuid::new_v4().simple().to_string() + &uuid::Uuid::new_v4().simple().to_string();
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .map_err(folder(&path))?;
            file.write_all(fresh.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(folder(&path))?;
            Ok(fresh)
        }
        Err(error) => Err(folder(&path)(error)),
    }
}

async fn give_password(owner: &tokio_postgres::Config, application: &tokio_postgres::Config) -> Result<(), HouseError> {
    let Some(password) = application
        .get_password()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
    else {
        return Ok(());
    };
    let (client, connection) = owner.connect(tokio_postgres::NoTls).await.map_err(HouseError::Role)?;
    let driver = tokio::spawn(connection);
    // The password is hexadecimal digits of our own making, so it can stand in the command. Two processes that
    // start at once set the same one; the lock keeps them from updating the role's row at the same instant.
    let command = format!(
        "begin; select pg_advisory_xact_lock(7305423); alter role mentalspace_app password '{password}'; commit"
    );
    client.batch_execute(&command).await.map_err(HouseError::Role)?;
    drop(client);
    let _closed = driver.await;
    Ok(())
}

/// Makes a folder that others can pass through (the database's account must) but not list.
fn make_private(path: &Path) -> Result<(), HouseError> {
    if !path.exists() {
        std::fs::create_dir_all(path).map_err(folder(path))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o711)).map_err(folder(path))?;
    }
    Ok(())
}

fn folder(path: &Path) -> impl FnOnce(std::io::Error) -> HouseError + '_ {
    move |source| HouseError::Folder {
        folder: path.display().to_string(),
        source,
    }
}
