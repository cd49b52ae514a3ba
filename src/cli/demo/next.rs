//! What to try while the demo stays up.

use serde_json::Value;
use uuid::Uuid;

use super::stage::Stage;

/// Prints commands that can be copied as they are.
pub(super) fn print(stage: &Stage, request_id: &str, body: &str) -> Result<(), String> {
    let fresh = Uuid::new_v4().to_string();
    let file = stage.scratch.path().join("request.json");
    let mut request: Value = serde_json::from_str(body).map_err(|_| "the request is not JSON")?;
    request["request_id"] = fresh.clone().into();
    let text = serde_json::to_string_pretty(&request).map_err(|error| error.to_string())?;
    std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;

    let partner = format!("http://{}", stage.gateway.partner);
    let operations = format!("http://{}", stage.gateway.operations);
    let bearer = "-H 'Authorization: Bearer demo-token'";
    let file = file.display();
    println!(
        "
The gateway stays up until Ctrl-C. To try next:

  # every method of the partner API, as Yandex plays it, with the reason where something is not right
  veer rehearse --url {partner} --token demo-token --client-id demo --client-secret demo-secret

  # the calculation, as Yandex polls it
  curl -s {bearer} '{partner}/osago/calculate?request_id={request_id}'

  # why each insurer is, or is not, in the answer: verdicts and timelines
  curl -s {operations}/calculations/{request_id}

  # sales and their confirmations to the partner
  veer sales list --operations {operations}

  # another calculation with the same data, and its statuses
  curl -s {bearer} --data @{file} {partner}/osago/calculate
  curl -s {bearer} '{partner}/osago/calculate/status?request_id={fresh}'

  # the other credentials, and a request with everything wrong
  curl -s -u demo:demo-secret --data '{{}}' {partner}/osago/calculate

  # figures, and the API's description
  curl -s {operations}/metrics | grep veer_
  curl -s {operations}/openapi.json"
    );
    Ok(())
}
