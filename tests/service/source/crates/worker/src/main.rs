mod jobs;
mod queue;

use anyhow::{Context, Result};
use log::{error, info, warn};

fn main() -> Result<()> {
    let settings = std::fs::read_to_string("worker.toml").context("worker.toml could not be read")?; //~ worker-toml
    info!("worker started");
    for job in queue::drain(&settings) {
        if let Err(e) = jobs::run(&job) {
            error!("job {} of kind {} failed: {:#}", job.id, job.kind, e); //~ job-failed
        }
    }
    warn!("queue closed, {} jobs left", queue::left()); //~ queue-closed
    Ok(())
}
