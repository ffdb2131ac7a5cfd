use tracing::{error, warn};

pub struct Cache;

impl Cache {
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        match self.redis.get(key).await {
            Ok(value) => value,
            Err(e) => {
                warn!("cache read of {} failed: {}", key, e); //~ cache-read
                None
            }
        }
    }

    pub async fn put(&self, key: &str, value: &[u8]) {
        if let Err(e) = self.redis.set(key, value).await {
            warn!("cache write of {} failed: {}", key, e); //~ cache-write
        }
    }

    pub async fn connect(url: &str) -> Result<Self, CacheError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            tokio::select! {
                result = dial(url) => match result {
                    Ok(cache) => return Ok(cache),
                    Err(e) => error!(attempt, "redis at {url} refused the connection: {e}"), //~ redis-refused
                },
                _ = tokio::time::sleep(LIMIT) => {
                    return Err(CacheError::new(format!("redis did not accept a connection within {LIMIT:?}"))); //~ redis-timeout
                }
            }
        }
    }
}
