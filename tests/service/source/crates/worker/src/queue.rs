use log::{error, log, Level};

pub fn take(connection: &Connection) -> Result<Job, QueueError> {
    let raw = connection.pop().map_err(|e| QueueError::Broker(e.to_string()))?;
    let job = parse(&raw).map_err(|e| {
        log!(Level::Error, "dropping unreadable job ({} bytes): {}", raw.len(), e); //~ unreadable-job
        QueueError::Unreadable
    })?;
    if job.age() > MAX_AGE {
        error!(target: "queue::age", "job {id} waited {age}s, longer than {limit}s", id = job.id, age = job.age(), limit = MAX_AGE); //~ job-age
    }
    Ok(job)
}

#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("broker went away: {0}")]
    Broker(String),
    #[error("job payload is unreadable")] //~ payload-unreadable
    Unreadable,
    #[error("lease on job {job} was lost to worker {1}", job = .0)] //~ lease-lost
    LeaseLost(u64, String),
}
