use anyhow::{anyhow, Context, Result};
use log::error;

pub fn render(job: &Job) -> Result<()> {
    let template = load(&job.template).context("report template is missing")?; //~ report-template
    let rows = fetch(job).context("rows of the report could not be fetched")?; //~ report-rows
    let total: u64 = rows.iter().map(|r| r.amount).sum();
    if total == 0 {
        return Err(anyhow!("report {:>8} for {} has no rows", job.id, job.month)); //~ report-empty
    }
    let path = write(&template, rows).map_err(|e| {
        error!("report {} could not be written to {}: {}", job.id, job.path.display(), e); //~ report-write
        e
    })?;
    upload(&path).with_context(|| format!("uploading {} to bucket {BUCKET}", path.display())) //~ report-upload
}

#[cfg(test)]
mod tests {
    #[test]
    fn renders() {
        panic!("report 7 could not be written to /tmp/x: disk full");
    }
}
