use tracing::{error, warn};

pub async fn login(app: &App, form: Login) -> Result<Token, AppError> {
    let user = match app.users.by_email(&form.email).await {
        Ok(Some(user)) => user,
        Ok(None) => {
            warn!(target: "audit", email_hash = %hash(&form.email), "login for unknown account"); //~ unknown-account
            return Err(AppError::BadRequest("email or password is wrong".into())); //~ wrong-password
        }
        Err(e) => {
            error!("login lookup failed: {}", e); //~ login-lookup
            return Err(e.into());
        }
    };
    if user.failures > 5 {
        error!(target: "audit", user_id = user.id, "account locked after {} failed logins", user.failures); //~ account-locked
    }
    issue(&user).map_err(|e| AppError::Internal(format!("JWT could not be signed with key {:?}: {}", KEY_ID, e))) //~ jwt-sign
}

pub fn verify(token: &str) -> Result<Claims, AppError> {
    let claims = decode(token).map_err(|e| {
        warn!(reason = %e, "토큰 검증에 실패했습니다"); //~ token-ko
        AppError::BadRequest(format!("token rejected: {e}")) //~ token-rejected
    })?;
    if claims.expires < now() {
        return Err(AppError::SessionExpired { session_id: claims.session, user: claims.user });
    }
    Ok(claims)
}
