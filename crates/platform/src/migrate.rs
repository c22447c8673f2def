//! Migrations: one ordered list of SQL files for all rooms, run forward only, by the schema's owner.

use tokio_postgres::NoTls;

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database can't be reached.
    #[error("can't connect to the database")]
    Connect(#[from] tokio_postgres::Error),
    /// A migration was refused.
    #[error("a migration was refused")]
    Refused(#[from] refinery::Error),
}

/// Brings the schema up to date; gives the names of the migrations that were applied now.
///
/// Two servers starting at once take turns by an advisory lock.
///
/// # Errors
/// The database can't be reached, or a migration is refused (it then left nothing behind).
pub async fn run(owner: &tokio_postgres::Config) -> Result<Vec<String>, MigrateError> {
    let (mut client, connection) = owner.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute("select pg_advisory_lock(7305422)").await?;
    let report = embedded::migrations::runner().run_async(&mut client).await;
    client.batch_execute("select pg_advisory_unlock(7305422)").await?;
    drop(client);
    let _closed = driver.await;
    Ok(report?.applied_migrations().iter().map(ToString::to_string).collect())
}

/// The newest migration this program knows.
#[must_use]
pub fn latest() -> u32 {
    let newest = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max();
    newest.map_or(0, |version| u32::try_from(version).unwrap_or(0))
}

/// A name for this exact list of migrations, so that whatever was made from another list is recognised.
#[must_use]
pub fn fingerprint() -> String {
    let mut names: Vec<(String, u64)> = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(|migration| (migration.to_string(), migration.checksum()))
        .collect();
    names.sort();
    let mixed = names
        .iter()
        .flat_map(|(name, sum)| name.bytes().chain(sum.to_le_bytes()))
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{mixed:016x}")
}
