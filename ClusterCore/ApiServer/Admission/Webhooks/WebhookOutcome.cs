using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>What a call of a webhook came to.</summary>
internal abstract record WebhookOutcome
{
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <param name="Patch">Null when the object stays as it is.</param>
    public sealed record Allowed(JsonArray? Patch) : WebhookOutcome;

    public sealed record Refused(Status Status) : WebhookOutcome;

    /// <summary>There is no answer, or none that can be understood: the webhook's failure policy decides.</summary>
    public sealed record Failed(string Reason) : WebhookOutcome;
}
