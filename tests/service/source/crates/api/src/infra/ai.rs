use tracing::{error, warn};

#[derive(Debug)]
pub struct AiError {
    pub message: String,
    pub attempts: u32,
}

impl AiError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), attempts: 1 }
    }
}

impl From<AiError> for AppError {
    fn from(e: AiError) -> Self {
        AppError::AiService(e.message)
    }
}

pub async fn summarize(client: &Client, answers: &[Answer]) -> Result<String, AiError> {
    let response = client.post(URL).json(&body(answers)).send().await.map_err(|e| {
        if e.is_timeout() {
            AiError::new(format!("model {} did not answer within {:.1}s", MODEL, TIMEOUT.as_secs_f64())) //~ ai-timeout
        } else {
            AiError::new(format!("request to {} failed: {e:#}", URL)) //~ ai-request
        }
    })?;
    let status = response.status();
    if !status.is_success() {
        let text = response.text().await.unwrap_or_default();
        error!(status = status.as_u16(), body = %text, "AI provider answered with an error"); //~ ai-status-log
        return Err(AiError::new(format!("provider answered {status}: {text}"))); //~ ai-status
    }
    let reply: Reply = response.json().await.map_err(|e| AiError::new(format!("AI 응답을 해석하지 못했습니다: {e}")))?; //~ ai-parse-ko
    let text = reply.choices.first().map(|c| c.text.clone()).ok_or_else(|| AiError::new("reply holds no choices"))?; //~ ai-empty
    if reply.usage.total > BUDGET {
        warn!(
            tokens = reply.usage.total,
            concat!("token usage of model ", "{} ", "is over the ", "budget of {}"), //~ ai-budget
            MODEL, BUDGET
        );
    }
    Ok(text)
}
