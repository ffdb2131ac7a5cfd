use thiserror::Error;

#[derive(Debug, Error)]
pub enum AppError {
    #[error("Internal Server Error: {0}")]
    Internal(String),
    #[error("Not found: {0}")]
    NotFound(String),
    #[error("Bad request: {0}")]
    BadRequest(String),
    #[error("AI service error: {0}")]
    AiService(String),
    #[error("Database error: {0}")]
    Database(#[from] sqlx::Error),
    #[error("session {session_id} of user {user} has expired")] //~ session-expired
    SessionExpired { session_id: Uuid, user: i64 },
    #[error("rate limit of {limit} requests per {window:?} exceeded")] //~ rate-limit
    RateLimited { limit: u32, window: Duration },
    #[error("회고 {0}번은 이미 종료되었습니다")] //~ retro-closed
    RetroClosed(i64),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl AppError {
    pub fn code(&self) -> &'static str {
        match self {
            AppError::Internal(_) | AppError::Database(_) => "COMMON500",
            AppError::NotFound(_) => "COMMON404",
            AppError::AiService(_) => "AI5001",
            _ => "COMMON400",
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error_code = self.code(), status = status.as_u16(), "{}", self);
        } else {
            tracing::warn!(error_code = self.code(), "request refused: {self}");
        }
        (status, Json(ErrorBody::from(&self))).into_response()
    }
}
