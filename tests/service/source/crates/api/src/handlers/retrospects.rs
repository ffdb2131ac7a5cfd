use crate::{fail, log_failure};

pub async fn show(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Retro>, AppError> {
    let retro = app
        .repo
        .find(id)
        .await
        .map_err(|e| AppError::Internal(format!("Failed to load retrospect {}: {}", id, e)))? //~ load-retrospect
        .ok_or_else(|| AppError::NotFound(format!("retrospect {id} does not exist")))?; //~ retro-missing
    Ok(Json(retro))
}

pub async fn remove(State(app): State<App>, Path(id): Path<i64>, user: User) -> Result<StatusCode, AppError> {
    let retro = app.repo.require(id).await?;
    if retro.owner != user.id {
        fail!(BadRequest, "user {} may not delete retrospect {}", user.id, id); //~ may-not-delete
    }
    if retro.closed {
        return Err(AppError::RetroClosed(id));
    }
    app.repo.delete(id).await.map_err(|e| {
        log_failure!("RETRO5002", "deleting retrospect {id} left {} orphaned answers: {e}", retro.answers.len()); //~ orphaned-answers
        AppError::Internal("Failed to delete retrospect".to_string()) //~ delete-retrospect
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn summarize(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Summary>, AppError> {
    let answers = app.repo.answers(id).await.map_err(|e| {
        AppError::Internal(format!(
            "Failed to load answers of retrospect {} \
             for its summary: {:?}", //~ load-answers
            id, e
        ))
    })?;
    if answers.is_empty() {
        return Err(AppError::BadRequest(String::from("회고에 작성된 답변이 없어 요약할 수 없습니다"))); //~ no-answers-ko
    }
    match app.ai.summarize(&answers).await {
        Ok(text) => Ok(Json(Summary { text })),
        Err(e) => {
            tracing::warn!(retrospect_id = id, attempts = e.attempts(), "summary postponed"); //~ summary-postponed
            Err(e.into())
        }
    }
}
