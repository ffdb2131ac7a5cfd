use anyhow::{anyhow, bail, ensure, Context};

const SIGNATURE_MISMATCH: &str = "webhook signature does not match the body"; //~ signature-const

pub async fn receive(app: &App, headers: &HeaderMap, body: Bytes) -> anyhow::Result<()> {
    let signature = headers.get("x-signature").context("webhook without signature header")?; //~ no-signature
    ensure!(body.len() < MAX_BODY, "webhook body of {} bytes is over the limit of {}", body.len(), MAX_BODY); //~ body-limit
    if !valid(signature, &body) {
        bail!(SIGNATURE_MISMATCH);
    }
    let event: Event = serde_json::from_slice(&body)
        .with_context(|| format!("webhook body is no event (first bytes {:02x?})", &body[..8]))?; //~ webhook-body
    match event.kind.as_str() {
        "push" => app.sync(event).await,
        other => Err(anyhow!("webhook event {other:?} is not supported")), //~ webhook-kind
    }
}
