pub mod auth;
pub mod members;
pub mod retrospects;
pub mod webhooks;

pub fn router() -> Router {
    Router::new()
        .route("/api/retrospects/:id", get(retrospects::show).delete(retrospects::remove))
        .route("/api/members", post(members::invite))
        .fallback(not_found)
}

async fn not_found(uri: Uri) -> AppError {
    AppError::NotFound(format!("no route for {}", uri.path())) //~ no-route
}
