using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.ServiceAccounts;

/// <summary>
/// Secrets of type service-account-token, as people still make them for a token that lasts: filled with one that is bound to the
/// secret and so dies with it; deleted with their service account.
/// </summary>
internal sealed class TokenSecretController : ReconcilingController
{
    private const string SecretType = "kubernetes.io/service-account-token";

    /// <summary>The most the API gives: 136 years.</summary>
    private const long Lasting = 1L << 32;
    private readonly Informer<Secret> secrets;
    private readonly Informer<ServiceAccount> accounts;

    public TokenSecretController(ControllerContext context) : base("tokens-controller", context, workers: 1)
    {
        secrets = Reconciles(context.Informers.Get(Kinds.Secrets, new() { FieldSelector = $"type={SecretType}" })).IndexByNamespace();
        accounts = context.Informers.Get(Kinds.ServiceAccounts);
        accounts.AddHandler(change =>
        {
            if (change.IsAdded || change.IsDeleted)
            {
                AddSecretsOf(change.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (secrets.Find(key) is not { } secret || TokenSecretPlan.AccountOf(secret) is not { Length: > 0 } name)
        {
            return ReconcileResult.Done;
        }
        var account = accounts.Find(key.Namespace, name)
            // Asked of the server: an account made a moment ago may not be in the cache yet.
            ?? (await Client.GetAsync(Kinds.ServiceAccounts, key.Namespace, name, cancellationToken)).Value;
        switch (TokenSecretPlan.Compute(secret, account, Context.Options.RootCertificate))
        {
            case TokenSecretStep.Delete:
                var only = new DeleteOptions { PreconditionUid = secret.Metadata.Uid };
                await Client.DeleteAsync(Kinds.Secrets, key.Namespace, key.Name, cancellationToken, only);
                break;
            case TokenSecretStep.Fill:
                await FillAsync(secret, account!, cancellationToken);
                break;
        }
        return ReconcileResult.Done;
    }

    private async Task FillAsync(Secret secret, ServiceAccount account, CancellationToken cancellationToken)
    {
        var token = secret.Data?.GetValueOrDefault("token") is { Length: > 0 } present
            ? present
            : Encoding.ASCII.GetBytes(await TokenAsync(secret, account, cancellationToken));
        var data = new JsonObject
        {
            ["token"] = Convert.ToBase64String(token),
            ["namespace"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(secret.Metadata.Namespace!)),
        };
        if (Context.Options.RootCertificate is { } authority)
        {
            data["ca.crt"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority));
        }
        var metadata = new JsonObject
        {
            ["uid"] = secret.Metadata.Uid,
            ["annotations"] = new JsonObject { [TokenSecretPlan.AccountUid] = account.Metadata.Uid },
        };
        var patched = await Client.PatchAsync(
            Kinds.Secrets, secret.Metadata.Namespace, secret.Metadata.Name,
            Patch.Merge(new JsonObject { ["metadata"] = metadata, ["data"] = data }), cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }

    private async Task<string> TokenAsync(Secret secret, ServiceAccount account, CancellationToken cancellationToken)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["expirationSeconds"] = Lasting,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Secret",
                    ["name"] = secret.Metadata.Name,
                    ["uid"] = secret.Metadata.Uid,
                },
            },
        };
        var path = Kinds.ServiceAccounts.Path(account.Metadata.Namespace, account.Metadata.Name, "token");
        var issued = await Client.RequestAsync(HttpMethod.Post, path, request, cancellationToken);
        return (string)issued.OrThrow()["status"]!["token"]!;
    }

    private void AddSecretsOf(NamespacedName account)
    {
        foreach (var secret in secrets.InNamespace(account.Namespace).Where(secret => TokenSecretPlan.AccountOf(secret) == account.Name))
        {
            Queue.Add(secret.Key);
        }
    }
}
