use tracing::{debug, error, instrument, warn};

#[instrument(skip(app))]
pub async fn invite(State(app): State<App>, Json(body): Json<Invite>) -> Result<StatusCode, AppError> {
    let team = app.teams.find(body.team_id).await?.ok_or(AppError::NotFound("팀을 찾을 수 없습니다".to_string()))?; //~ team-missing-ko
    if team.members.len() >= team.capacity {
        return Err(AppError::BadRequest(format!("{}팀은 정원 {}명이 모두 찼습니다", team.name, team.capacity))); //~ team-full-ko
    }
    if let Err(e) = app.mail.send(&body.email).await {
        error!(
            team_id = body.team_id,
            error = ?e,
            "invitation mail to {} was not accepted by {host}", //~ mail-refused
            body.email,
            host = app.mail.host
        );
    }
    Ok(StatusCode::CREATED)
}

#[instrument(skip_all)]
pub async fn leave(app: &App, team_id: i64, user_id: i64) -> Result<(), AppError> {
    let Some(team) = app.teams.find(team_id).await? else {
        return Err(AppError::NotFound("팀을 찾을 수 없습니다".to_string())); //~ team-missing-leave-ko
    };
    if team.owner == user_id {
        warn!(team_id, user_id, "owner tried to leave the team"); //~ owner-leaves
        return Err(AppError::BadRequest(format!("{user_id}님은 팀장이므로 팀을 나갈 수 없습니다"))); //~ owner-leaves-ko
    }
    debug!(team_id, "member left");
    Ok(())
}
