using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet.Secrets;

namespace Flotilla.Portal.Identity.Issuer;

/// <summary>The issuer's ES256 keys; the newest signs, all are published.</summary>
internal sealed class SigningKeys(IssuerStore store, SecretBox secrets) : IDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private IReadOnlyList<SigningKey> keys = [];

    public async Task<JsonObject> PublishAsync(CancellationToken cancellationToken) => new()
    {
        ["keys"] = new JsonArray([.. (await ReadAsync(cancellationToken)).Select(key => (JsonNode)key.Public())]),
    };

    public async Task<string> SignAsync(JsonObject claims, CancellationToken cancellationToken)
    {
        var key = (await ReadAsync(cancellationToken))[0];
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = key.Id };
        var body = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.Key.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        foreach (var key in keys) { key.Key.Dispose(); }
        gate.Dispose();
    }

    private async Task<IReadOnlyList<SigningKey>> ReadAsync(CancellationToken cancellationToken)
    {
        if (keys.Count > 0) { return keys; }
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (keys.Count > 0) { return keys; }
            await store.PrepareAsync(cancellationToken);
            if ((await store.KeysAsync(cancellationToken)).Count == 0) { await AddAsync(cancellationToken); }
            keys = [.. (await store.KeysAsync(cancellationToken)).Select(Open)];
            return keys;
        }
        finally { gate.Release(); }
    }

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 12));
        await store.AddKeyAsync(id, secrets.Seal(key.ExportECPrivateKeyPem(), Purpose(id)), cancellationToken);
    }

    private SigningKey Open((string Id, byte[] Sealed) stored)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(secrets.Unseal(stored.Sealed, Purpose(stored.Id)));
        return new(stored.Id, key);
    }

    private static string Purpose(string id) => $"issuer key {id}";

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private sealed record SigningKey(string Id, ECDsa Key)
    {
        public JsonObject Public()
        {
            var point = Key.ExportParameters(includePrivateParameters: false).Q;
            return new()
            {
                ["kty"] = "EC",
                ["use"] = "sig",
                ["alg"] = "ES256",
                ["kid"] = Id,
                ["crv"] = "P-256",
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        }
    }
}
