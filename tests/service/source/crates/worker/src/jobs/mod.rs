pub mod digest;
pub mod reports;

pub fn run(job: &Job) -> anyhow::Result<()> {
    match job.kind.as_str() {
        "digest" => digest::send(job),
        "report" => reports::render(job),
        kind => anyhow::bail!("unknown job kind `{kind}`"), //~ unknown-kind
    }
}
