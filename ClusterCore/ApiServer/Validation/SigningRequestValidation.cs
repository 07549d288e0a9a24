using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Certificate signing requests: what is asked, what approvers decide, what signers answer.</summary>
internal static class SigningRequestValidation
{
    private const int LongestSubdomain = 253;
    private const int LongestLabel = 63;

    private static readonly string[] Usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection",
        "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
        "server auth", "signing", "timestamping",
    ];

    public static void Create(JsonObject request, FieldErrors errors)
    {
        var spec = request.Spec() ?? [];
        Request(spec.Text("request") ?? "", errors);
        Purposes(spec, errors);
        if (spec.Text("signerName") == "kubernetes.io/legacy-unknown")
        {
            errors.Invalid("spec.signerName", spec.Text("signerName"), "the legacy signerName is not allowed via this API version");
        }
        else
        {
            Signer(spec.Text("signerName") ?? "", errors);
        }

        if (spec.Number("expirationSeconds") is < 600 and var seconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    /// <summary>Of a write to <c>/approval</c> or <c>/status</c>; what each may change is settled before.</summary>
    public static void Answer(JsonObject request, JsonObject old, FieldErrors errors)
    {
        Conditions(request.Object("status") ?? [], errors);
        var certificate = request.Object("status")?.Text("certificate") ?? "";
        if (certificate != (old.Object("status")?.Text("certificate") ?? "") && CertificateProblem(certificate) is { } problem)
        {
            errors.Invalid("status.certificate", "<certificate data>", problem);
        }
    }

    private static void Request(string base64, FieldErrors errors)
    {
        var text = Decode(base64);
        if (!PemEncoding.TryFind(text, out var fields) || text.AsSpan()[fields.Label] is not "CERTIFICATE REQUEST")
        {
            errors.Invalid("spec.request", base64, "PEM block type must be CERTIFICATE REQUEST");
        }
    }

    private static void Purposes(JsonObject spec, FieldErrors errors)
    {
        string[] usages = [.. spec.Texts("usages")];
        if (usages.Length == 0)
        {
            errors.Required("spec.usages");
        }

        for (var i = 0; i < usages.Length; i++)
        {
            if (!Usages.Contains(usages[i], StringComparer.Ordinal))
            {
                errors.NotSupported($"spec.usages[{i}]", usages[i], Usages);
            }
        }

        for (var i = 1; i < usages.Length; i++)
        {
            if (usages.AsSpan(0, i).Contains(usages[i]))
            {
                errors.Duplicate($"spec.usages[{i}]", usages[i]);
            }
        }
    }

    private static void Signer(string name, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required("spec.signerName");
            return;
        }

        if (name.Split('/') is not [var domain, var path])
        {
            errors.Invalid("spec.signerName", name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        if (domain.Length > LongestSubdomain)
        {
            errors.Add(FieldError.TooLong("spec.signerName", LongestSubdomain));
        }

        Labels(domain, ObjectNames.Dns1123Label, errors);
        if (!domain.Contains('.'))
        {
            errors.Invalid("spec.signerName", domain, "should be a domain with at least two segments separated by dots");
        }

        Labels(path, ObjectNames.Dns1123Subdomain, errors);
        const int longest = LongestSubdomain + 1 + LongestSubdomain + LongestLabel + 1;
        if (name.Length > longest)
        {
            errors.Add(FieldError.TooLong("spec.signerName", longest));
        }
    }

    /// <summary>The first label that is wrong: others would say the same.</summary>
    private static void Labels(string segment, Func<string, IReadOnlyList<string>> rule, FieldErrors errors)
    {
        foreach (var label in segment.Split('.'))
        {
            if (rule(label) is { Count: > 0 } wrong)
            {
                errors.Invalid("spec.signerName", segment, $"validating label \"{label}\": {wrong[0]}");
                return;
            }
        }
    }

    private static void Conditions(JsonObject status, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var condition in status.Items("conditions"))
        {
            var (at, type) = ($"status.conditions[{index++}]", condition.Text("type") ?? "");
            if (type.Length == 0)
            {
                errors.Required($"{at}.type");
            }

            string[] statuses = type is "Approved" or "Denied" or "Failed" ? ["True"] : ["False", "True", "Unknown"];
            Rules.RequiredOneOf(condition, "status", at, errors, statuses);
            if ((type == "Approved" && seen.Contains("Denied")) || (type == "Denied" && seen.Contains("Approved")))
            {
                errors.Invalid("status.conditions", type, "Approved and Denied conditions are mutually exclusive");
            }

            if (!seen.Add(type))
            {
                errors.Duplicate($"{at}.type", type);
            }
        }
    }

    private static string? CertificateProblem(string base64)
    {
        var rest = Decode(base64);
        var blocks = 0;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is not "CERTIFICATE" and var label)
            {
                return $"only CERTIFICATE PEM blocks are allowed, found \"{label}\"";
            }

            try
            {
                using var certificate = X509Certificate2.CreateFromPem(rest[fields.Location]);
            }
            catch (CryptographicException)
            {
                return "x509: malformed certificate";
            }

            blocks++;
            rest = rest[fields.Location.End..];
        }

        return blocks == 0 && base64.Length > 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}
