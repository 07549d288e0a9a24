using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>One webhook of a configuration, read once and used until the configuration changes.</summary>
/// <param name="Id">Tells webhooks apart that have the same name in different configurations.</param>
internal sealed record Webhook(string Id, string Name, WebhookTarget Target, IReadOnlyList<WebhookRule> Rules)
{
    private const int DefaultSeconds = 10;

    public required LabelSelector NamespaceSelector { get; init; }

    public required LabelSelector ObjectSelector { get; init; }

    public required bool MatchesEquivalent { get; init; }

    /// <summary>Whether a call that fails lets the request through.</summary>
    public required bool FailsOpen { get; init; }

    public required bool IsSafeOnDryRun { get; init; }

    public required bool WantsReinvocation { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>The first of the versions it understands that this server speaks; null when there is none.</summary>
    public required string? ReviewVersion { get; init; }

    public static Webhook Read(string configuration, int index, JsonObject webhook)
    {
        var name = webhook.Text("name") ?? "";
        return new($"{configuration}/{name}/{index}", name, WebhookTarget.Read(webhook.Object("clientConfig") ?? []), [.. webhook.Items("rules").Select(WebhookRule.Read)])
        {
            NamespaceSelector = Selector(webhook, "namespaceSelector"),
            ObjectSelector = Selector(webhook, "objectSelector"),
            MatchesEquivalent = webhook.Text("matchPolicy") != "Exact",
            FailsOpen = webhook.Text("failurePolicy") == "Ignore",
            IsSafeOnDryRun = webhook.Text("sideEffects") is "None" or "NoneOnDryRun",
            WantsReinvocation = webhook.Text("reinvocationPolicy") == "IfNeeded",
            Timeout = TimeSpan.FromSeconds(webhook.Number("timeoutSeconds") ?? DefaultSeconds),
            ReviewVersion = webhook.Texts("admissionReviewVersions").FirstOrDefault(version => version is "v1" or "v1beta1"),
        };
    }

    private static LabelSelector Selector(JsonObject webhook, string name) => LabelSelector.FromObject(webhook.Object(name)) ?? LabelSelector.Everything;
}
