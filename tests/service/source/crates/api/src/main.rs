mod domain;
mod handlers;
mod infra;
mod macros;
mod utils;

use tracing::{error, info, warn};

#[tokio::main]
async fn main() {
    let config = utils::config::load().expect("configuration could not be loaded"); //~ expect-config
    let address = config.address.parse::<SocketAddr>().unwrap_or_else(|e| {
        panic!("listen address {:?} is invalid: {e}", config.address) //~ panic-address
    });
    info!(%address, "server listening");
    if let Err(e) = serve(address).await {
        error!(error = %e, "server stopped unexpectedly"); //~ server-stopped
    }
}

async fn serve(address: SocketAddr) -> Result<(), std::io::Error> {
    let app = handlers::router();
    axum::serve(TcpListener::bind(address).await?, app).await
}

fn warn_slow(path: &str, elapsed: Duration) {
    warn!(path, elapsed_ms = elapsed.as_millis() as u64, "slow request"); //~ slow-request
}
