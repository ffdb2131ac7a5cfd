use anyhow::{Context, Result};
use log::{error, warn};

pub fn send(job: &Job) -> Result<()> {
    let members = members(job.team).with_context(|| format!("members of team {} could not be listed", job.team))?; //~ digest-members
    let mut failed = 0;
    for member in &members {
        if let Err(e) = mail(member) {
            failed += 1;
            warn!("digest for {} <{}> bounced with {:?}", member.name, member.email, e); //~ digest-bounced
        }
    }
    if failed == members.len() {
        error!("[DIGEST_ALL_FAILED] no digest of team {} was delivered ({}/{})", job.team, failed, members.len()); //~ digest-all-failed
    }
    let next = schedule(job).context("다음 다이제스트 시각을 계산하지 못했습니다")?; //~ digest-next-ko
    println!("next digest at {next}");
    Ok(())
}
