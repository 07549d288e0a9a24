using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.Differential;

/// <summary>An object that both servers take, whose fields are changed one by one.</summary>
internal sealed record Sample(JsonObject Object)
{
    public const string Namespace = "compared";

    public string ApiVersion => (string)Object["apiVersion"]!;

    public string Kind => (string)Object["kind"]!;

    public string Name => (string)Object["metadata"]!["name"]!;

    /// <summary>Under another name, unless the kind says what it is: what is stored is not in the way of what is created.</summary>
    public Sample Kept()
    {
        if (Name.Contains('.')) { return this; }
        var kept = Object.DeepClone().AsObject();
        kept["metadata"]!["name"] = $"{Name}-kept";
        return new(kept);
    }

    public static IEnumerable<Sample> Load(string file) => File.ReadAllText(file).Replace("CERTIFICATE_REQUEST", CertificateRequest(), StringComparison.Ordinal)
        .Split("\n---\n").Select(static document => YamlCodec.Decode(Encoding.UTF8.GetBytes(document), ScalarSchema.Any))
        .Select(static decoded => new Sample(decoded.Object ?? throw new InvalidOperationException(decoded.Error)));

    /// <summary>A namespace, and in it what pods must have before they are made.</summary>
    public static async Task PrepareAsync(Api api)
    {
        await api.SendAsync(HttpMethod.Post, "/api/v1/namespaces", new() { ["metadata"] = new JsonObject { ["name"] = Namespace } });
        await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{Namespace}/serviceaccounts", new() { ["metadata"] = new JsonObject { ["name"] = "default" } });
    }

    /// <summary>The object as the server has stored it, maybe long ago: what is compared are dry runs.</summary>
    public async Task<JsonObject> StoreAsync(Api api, Resource resource)
    {
        var made = await api.SendAsync(HttpMethod.Post, resource.Path, Object);
        if (made.Code == 409) { made = await api.SendAsync(HttpMethod.Get, $"{resource.Path}/{Name}"); }
        return made.Code is 200 or 201 ? made.Body!.AsObject() : throw new InvalidOperationException($"{Kind} could not be made: {made.Body?.ToJsonString()}");
    }

    private static string CertificateRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(new CertificateRequest("CN=compared", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
    }
}
