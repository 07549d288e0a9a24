using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class AdmissionDefaults
{
    public static void ValidatingWebhooks(JsonObject configuration)
    {
        foreach (var webhook in configuration.Items("webhooks"))
        {
            Webhook(webhook);
        }
    }

    public static void MutatingWebhooks(JsonObject configuration)
    {
        foreach (var webhook in configuration.Items("webhooks"))
        {
            Webhook(webhook);
            webhook.Default("reinvocationPolicy", "Never");
        }
    }

    public static void Policy(JsonObject policy)
    {
        var spec = policy.Ensure("spec");
        spec.Default("failurePolicy", "Fail");
        Match(spec.Object("matchConstraints"));
    }

    public static void PolicyBinding(JsonObject binding) => Match(binding.Spec()?.Object("matchResources"));

    private static void Webhook(JsonObject webhook)
    {
        webhook.Default("failurePolicy", "Fail");
        Match(webhook);
        webhook.Default("timeoutSeconds", 10);
        webhook.Object("clientConfig")?.Object("service")?.Default("port", 443);
        Scopes(webhook, "rules");
    }

    private static void Match(JsonObject? match)
    {
        if (match is null)
        {
            return;
        }

        match.Default("matchPolicy", "Equivalent");
        match.Ensure("namespaceSelector");
        match.Ensure("objectSelector");
        Scopes(match, "resourceRules");
        Scopes(match, "excludeResourceRules");
    }

    private static void Scopes(JsonObject owner, string rules)
    {
        foreach (var rule in owner.Items(rules))
        {
            rule.Default("scope", "*");
        }
    }
}
