using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;

namespace Flotilla.NodeAgent.Kubelet.Certificates;

/// <summary>Gets certificates by the cluster's own way: a CertificateSigningRequest, which somebody approves and its signer signs.</summary>
public sealed class CertificateRequests(ApiClient client, TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <exception cref="IOException">It was denied, or nobody decided in time.</exception>
    public async Task<X509Certificate2> GetAsync(CertificateWish wish, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new JsonObject
        {
            ["metadata"] = new JsonObject { ["generateName"] = "csr-" },
            ["spec"] = new JsonObject
            {
                ["request"] = Convert.ToBase64String(wish.RequestPem(key)),
                ["signerName"] = wish.Signer,
                ["usages"] = new JsonArray([.. wish.Usages.Select(usage => (JsonNode)usage)]),
            },
        };
        var made = (await client.CreateAsync(Kinds.CertificateSigningRequests, null, request, cancellationToken)).OrThrow();
        var until = clock.GetUtcNow() + Patience;
        while (clock.GetUtcNow() < until)
        {
            var found = (await client.GetAsync(Kinds.CertificateSigningRequests, null, made.Metadata.Name, cancellationToken)).OrThrow();
            if (found.Status.Certificate is { Length: > 0 } pem)
            {
                using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
                return certificate.CopyWithPrivateKey(key);
            }

            if (found.Status.Conditions?.FirstOrDefault(condition => condition.Type is "Denied" or "Failed") is { } refused)
            {
                throw new IOException($"certificate signing request {made.Metadata.Name} is {refused.Type}: {refused.Message}");
            }

            await Task.Delay(LookInterval, clock, cancellationToken);
        }

        throw new IOException($"certificate signing request {made.Metadata.Name} was neither approved nor denied in {Patience.TotalMinutes} minutes");
    }
}
