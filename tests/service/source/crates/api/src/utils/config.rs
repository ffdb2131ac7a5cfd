use std::fmt;

pub enum ConfigError {
    Missing(&'static str),
    Invalid { key: String, value: String },
    Unreadable(std::io::Error),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Missing(name) => write!(f, "environment variable {} is not set", name), //~ config-missing
            ConfigError::Invalid { key, value } => {
                write!(f, "value {value:?} of setting `{key}` cannot be parsed") //~ config-invalid
            }
            ConfigError::Unreadable(e) => write!(f, "configuration file unreadable: {e}"), //~ config-unreadable
        }
    }
}

pub fn load() -> Result<Config, ConfigError> {
    let url = std::env::var("DATABASE_URL").map_err(|_| ConfigError::Missing("DATABASE_URL"))?;
    let pool_size = match std::env::var("POOL_SIZE") {
        Ok(text) => text.parse().map_err(|_| ConfigError::Invalid { key: "POOL_SIZE".into(), value: text })?,
        Err(_) => 10,
    };
    Ok(Config { url, pool_size, address: "0.0.0.0:8080".to_string() })
}
