//! Configuration: one typed value, from a file, then the environment, then the command line.
//!
//! `mentalspace.example.toml` in the project's root shows every setting with its default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Settings of this process. Unknown keys are refused, so a misspelt one is noticed.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the server listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Folder of the embedded database, files, keys.
    pub data: PathBuf,
    /// A PostgreSQL URL of the application's role; without one an embedded database is used.
    pub database_url: Option<String>,
    /// A PostgreSQL URL of the schema's owner, for migrations; needed with `database_url`.
    pub database_owner_url: Option<String>,
    /// Folder of PostgreSQL's programs for the embedded database; found by itself when absent.
    pub postgres_bin: Option<PathBuf>,
    /// Connections to the database.
    pub database_connections: usize,
    /// The address people use, such as `https://ehr.example.com`; decides secure cookies and links in mail.
    pub public_url: Option<String>,
    /// Log lines as `text` or `json`.
    pub log: LogFormat,
    /// Mail server; without one mail stays in the outbox page.
    pub smtp: Option<Smtp>,
    /// A file holding an RFC 3339 instant to be taken as now; for walk-throughs and training only.
    pub clock_file: Option<PathBuf>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// A mail server.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// Port, usually 587.
    pub port: u16,
    /// Whether to insist on STARTTLS.
    #[serde(default = "yes")]
    pub tls: bool,
    /// User, if the server asks for one.
    pub user: Option<String>,
    /// Password, if the server asks for one.
    pub password: Option<String>,
    /// The sender, such as `Maple Street <office@example.com>`.
    pub from: String,
}

const fn yes() -> bool {
    true
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from("data"),
            database_url: None,
            database_owner_url: None,
            postgres_bin: None,
            database_connections: 16,
            public_url: None,
            log: LogFormat::Text,
            smtp: None,
            clock_file: None,
        }
    }
}

/// Why the settings can't be used; one clear line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read the configuration file {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file or a variable holds something unexpected.
    #[error("the configuration is not right: {0}")]
    Parse(String),
}

impl Config {
    /// Reads the file, if one is given, and lets environment variables `MENTALSPACE_<KEY>` override its
    /// top-level keys.
    ///
    /// # Errors
    /// An unreadable file, an unknown key, a wrong value.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.display().to_string(),
                source,
            })?,
            None => String::new(),
        };
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Parse(error.to_string()))?;
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("MENTALSPACE_").map(str::to_lowercase) else {
                continue;
            };
            if KEYS.contains(&key.as_str()) {
                let value = value
                    .parse::<i64>()
                    .map_or(toml::Value::String(value), toml::Value::Integer);
                table.insert(key, value);
            }
        }
        table.try_into().map_err(|error| ConfigError::Parse(error.to_string()))
    }

    /// Whether people reach the server by HTTPS, so cookies must be sent over it only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }
}

/// Top-level keys that the environment may set.
const KEYS: &[&str] = &[
    "listen",
    "data",
    "database_url",
    "database_owner_url",
    "postgres_bin",
    "database_connections",
    "public_url",
    "log",
    "clock_file",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_overrides_and_unknown_keys_are_refused() {
        let environment = [
            ("MENTALSPACE_DATABASE_CONNECTIONS".to_owned(), "3".to_owned()),
            ("MENTALSPACE_PG_HOME".to_owned(), "x".to_owned()),
        ];
        let config = Config::load(None, environment.into_iter()).unwrap();
        assert_eq!(config.database_connections, 3);
        assert!(toml::from_str::<Config>("lisen = '127.0.0.1:1'").is_err());
        assert!(toml::from_str::<Config>("listen = '127.0.0.1'").is_err());
    }
}
