using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceAccounts;

internal enum TokenSecretStep
{
    None,

    /// <summary>Its account is gone, or another one of that name.</summary>
    Delete,

    /// <summary>Something is missing, or the CA is another now; a token that is there stays.</summary>
    Fill,
}

/// <summary>What becomes of a secret for a service account's token.</summary>
internal static class TokenSecretPlan
{
    public const string AccountName = "kubernetes.io/service-account.name";
    public const string AccountUid = "kubernetes.io/service-account.uid";

    /// <param name="account">The one that the secret names.</param>
    public static TokenSecretStep Compute(Secret secret, ServiceAccount? account, string? certificate)
    {
        if (secret.Metadata.DeletionTimestamp is not null || AccountOf(secret) is not { Length: > 0 })
        {
            return TokenSecretStep.None;
        }
        var known = secret.Metadata.Annotations?.GetValueOrDefault(AccountUid);
        return account is null || (!string.IsNullOrEmpty(known) && known != account.Metadata.Uid) ? TokenSecretStep.Delete
            : string.IsNullOrEmpty(known) || !Has(secret, "token") || !Has(secret, "namespace") || IsOtherAuthority(secret, certificate) ? TokenSecretStep.Fill
            : TokenSecretStep.None;
    }

    public static string? AccountOf(Secret secret) => secret.Metadata.Annotations?.GetValueOrDefault(AccountName);

    private static bool Has(Secret secret, string key) => secret.Data?.GetValueOrDefault(key) is { Length: > 0 };

    private static bool IsOtherAuthority(Secret secret, string? certificate) =>
        certificate is not null && (secret.Data?.GetValueOrDefault("ca.crt") is not { } present || Encoding.ASCII.GetString(present) != certificate);
}
