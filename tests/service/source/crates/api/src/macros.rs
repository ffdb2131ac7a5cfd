/// Logs an error with the service's prefix.
#[macro_export]
macro_rules! log_failure {
    ($code:expr, $($arg:tt)+) => {
        tracing::error!(error_code = $code, $($arg)+)
    };
}

#[macro_export]
macro_rules! fail {
    ($kind:ident, $($arg:tt)+) => {
        return Err($crate::utils::error::AppError::$kind(format!($($arg)+)))
    };
}
