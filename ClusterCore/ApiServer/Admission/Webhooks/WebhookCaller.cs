using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Asks one webhook about one request.</summary>
internal sealed class WebhookCaller(WebhookClients clients, ServerMetrics metrics, TimeProvider clock)
{
    public async ValueTask<WebhookOutcome> CallAsync(AdmissionRequest request, WebhookInvocation invocation, bool mayPatch)
    {
        var webhook = invocation.Webhook;
        if (request.IsDryRun && !webhook.IsSafeOnDryRun) { return new WebhookOutcome.Refused(WebhookRefusal.NoDryRun(webhook)); }
        if (webhook.ReviewVersion is null)
        {
            return new WebhookOutcome.Failed("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)");
        }

        var (question, began) = (AdmissionReview.Of(request, invocation), clock.GetTimestamp());
        var (answer, failure) = await clients.PostAsync(webhook, JsonCodec.Encode(question.Document), request.Scope.Aborted);
        var outcome = answer is null
            ? new WebhookOutcome.Failed($"failed to call webhook: {failure}")
            : AdmissionAnswer.Read(webhook, question, answer, mayPatch);
        var rejected = outcome is WebhookOutcome.Refused || (outcome is WebhookOutcome.Failed && !webhook.FailsOpen);
        metrics.OfWebhook(webhook.Name, mayPatch ? "admit" : "validating", request.Operation.Name(), rejected).Observe(clock.GetElapsedTime(began).TotalSeconds);
        return outcome;
    }
}
