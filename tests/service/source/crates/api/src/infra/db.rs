use tracing::error;

pub async fn connect(url: &str) -> Result<PgPool, AppError> {
    PgPoolOptions::new()
        .acquire_timeout(WAIT)
        .connect(url)
        .await
        .map_err(|error| {
            error!(%error, "database connection failed"); //~ db-connect
            AppError::Internal(format!(r#"no connection to database "{}""#, name_of(url))) //~ db-no-connection
        })
}

pub async fn in_transaction<T>(pool: &PgPool, work: impl Work<T>) -> Result<T, AppError> {
    let mut tx = pool.begin().await.map_err(|e| AppError::Internal(format!("transaction could not begin: {e}")))?; //~ tx-begin
    let done = work.run(&mut tx).await?;
    tx.commit().await.map_err(|e| AppError::Internal(format!("transaction could not be committed: {e}")))?; //~ tx-commit
    Ok(done)
}

pub async fn find(pool: &PgPool, id: i64) -> Result<Option<Retro>, sqlx::Error> {
    sqlx::query_as("SELECT id, title FROM retrospect WHERE id = $1").bind(id).fetch_optional(pool).await
}
