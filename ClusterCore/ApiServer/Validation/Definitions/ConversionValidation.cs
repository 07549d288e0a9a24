using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>How objects get from one version to another. Upstream's names of the fields are those of its internal type.</summary>
internal static class ConversionValidation
{
    private const string Path = "spec.conversion";

    public static void Check(JsonObject spec, bool mayHaveBadBundle, FieldErrors errors)
    {
        var conversion = spec.Object("conversion") ?? [];
        Rules.RequiredOneOf(conversion, "strategy", Path, errors, "None", "Webhook");
        var webhook = conversion.Object("webhook");
        if (conversion.Text("strategy") != "Webhook")
        {
            if (webhook?.Object("clientConfig") is not null) { errors.Forbidden($"{Path}.webhookClientConfig", "should not be set when strategy is not set to Webhook"); }
            if (webhook?.List("conversionReviewVersions") is { Count: > 0 }) { errors.Forbidden($"{Path}.conversionReviewVersions", "should not be set when strategy is not set to Webhook"); }
            return;
        }

        if (webhook?.Object("clientConfig") is not { } client) { errors.Required($"{Path}.webhookClientConfig", "required when strategy is set to Webhook"); }
        else
        {
            WebhookValidation.Client(client, $"{Path}.webhookClientConfig", errors);
            if (!mayHaveBadBundle && HasBadBundle(spec)) { errors.Invalid($"{Path}.webhookClientConfig.caBundle", client.Text("caBundle"), "unable to load root certificates: unable to parse bytes as PEM block"); }
        }

        ReviewVersions(webhook, errors);
        // With one version there is nothing to convert, whoever would do it.
        if (spec.Items("versions").Skip(1).Any())
        {
            errors.Forbidden($"{Path}.strategy", "this server does not convert custom resources by webhooks: serve one version, or use the strategy None");
        }
    }

    public static bool HasBadBundle(JsonObject spec)
    {
        if (spec.Object("conversion")?.Object("webhook")?.Object("clientConfig")?.Text("caBundle") is not { Length: > 0 } bundle) { return false; }
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
            return certificates.Count == 0;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return true;
        }
    }

    private static void ReviewVersions(JsonObject? webhook, FieldErrors errors)
    {
        const string path = $"{Path}.conversionReviewVersions";
        var versions = webhook?.Texts("conversionReviewVersions").ToList() ?? [];
        if (versions.Count == 0)
        {
            errors.Required(path);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, version) in versions.Index())
        {
            errors.Check($"{path}[{index}]", version, seen.Add(version) ? ObjectNames.Dns1035Label(version) : ["duplicate version"]);
        }

        if (!seen.Contains("v1") && !seen.Contains("v1beta1")) { errors.Invalid(path, webhook!["conversionReviewVersions"], "must include at least one of v1, v1beta1"); }
    }
}
