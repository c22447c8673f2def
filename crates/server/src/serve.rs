//! The open door: listens, works jobs, chains the audit log, carries live notices, and closes cleanly.

use std::net::SocketAddr;
use std::time::Duration;

use platform::{Config, jobs, mail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::house::{House, HouseError};
use crate::{observe, router};

/// Why the door can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The house.
    #[error("{0}")]
    House(#[from] HouseError),
    /// The address.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The server itself.
    #[error("the server stopped: {0}")]
    Server(#[from] std::io::Error),
}

/// The handlers of all kinds of jobs.
#[must_use]
pub fn handlers() -> jobs::Handlers {
    let mut handlers = jobs::Handlers::default();
    handlers.handle(mail::SEND, mail::send);
    handlers
}

/// Serves until Ctrl-C or a termination signal. `prepared` runs once the house stands and before the door opens.
///
/// # Errors
/// See [`ServeError`].
pub async fn serve(
    config: Config,
    prepared: impl AsyncFnOnce(&House) -> Result<Vec<String>, HouseError>,
) -> Result<(), ServeError> {
    observe::start_log(config.log);
    let listen = config.listen;
    let listener = TcpListener::bind(listen).await.map_err(|source| ServeError::Listen {
        address: listen,
        source,
    })?;
    let house = House::open(config).await?;
    let words = prepared(&house).await?;
    let address = listener.local_addr()?;
    let work = tokio::spawn(jobs::run(house.app.clone(), handlers()));
    let chain = tokio::spawn(identity::audit::chain::run(house.app.db.clone()));
    let live = tokio::spawn(house.app.live.clone().carry(house.application.clone()));
    let service = router::service(house.app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    for line in words {
        eprintln!("{line}");
    }
    println!("ready http://{address}");
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        let _dropped_is_stop_too = stopping.await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended.map_err(std::io::Error::other)??),
        () = asked_to_stop() => {}
    }
    tracing::info!("Stopping: finishing what is under way");
    let _server_is_gone_is_fine = stop.send(());
    // Open streams of live pages never end by themselves; requests under way get this long.
    let _ended_or_cut = tokio::time::timeout(Duration::from_secs(3), &mut server).await;
    server.abort();
    work.abort();
    chain.abort();
    live.abort();
    house.close().await?;
    Ok(())
}

async fn asked_to_stop() {
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(terminate) => terminate.recv().await.unwrap_or(()),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
