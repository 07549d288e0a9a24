using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Asks all validating webhooks that match at once; the first in order that refuses is the one the client hears of.</summary>
internal sealed class ValidatingWebhooks(WebhookTable table, WebhookMatcher matcher, WebhookCaller caller) : IAdmissionPlugin
{
    public async ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (table.All is not { Count: > 0 } webhooks || WebhookMatcher.IsExempt(request)) { return; }
        var invocations = new List<WebhookInvocation>();
        foreach (var webhook in webhooks)
        {
            if (await matcher.MatchAsync(webhook, request) is { } invocation) { invocations.Add(invocation); }
        }

        var outcomes = await Task.WhenAll(invocations.Select(invocation => caller.CallAsync(request, invocation, mayPatch: false).AsTask()));
        foreach (var warning in outcomes.SelectMany(outcome => outcome.Warnings)) { request.Scope.Request.Warn(warning); }
        foreach (var (invocation, outcome) in invocations.Zip(outcomes))
        {
            switch (outcome)
            {
                case WebhookOutcome.Refused refused: throw new StatusException(refused.Status);
                case WebhookOutcome.Failed failed when !invocation.Webhook.FailsOpen: throw WebhookRefusal.Uncallable(invocation.Webhook, failed.Reason);
            }
        }
    }
}
