using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>A public key of an issuer (RFC 7517): RSA or on one of the three NIST curves.</summary>
internal sealed record JsonWebKey(string Id, RSA? Rsa, ECDsa? Curve)
{
    /// <summary>Null for keys of other kinds, and for those that do not sign.</summary>
    public static JsonWebKey? Read(JsonObject key)
    {
        if (key.Text("use") is { } use && use != "sig") { return null; }
        try
        {
            return key.Text("kty") switch
            {
                "RSA" => new(key.Text("kid") ?? "", RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }), null),
                "EC" when CurveOf(key.Text("crv")) is { } curve =>
                    new(key.Text("kid") ?? "", null, ECDsa.Create(new ECParameters { Curve = curve, Q = new() { X = Bytes(key, "x"), Y = Bytes(key, "y") } })),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>RFC 7518 §3.3–3.5.</summary>
    public bool Verifies(JsonWebToken token)
    {
        if (token.Algorithm is not { Length: 5 } algorithm) { return false; }
        var hash = algorithm[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        return algorithm[..2] switch
        {
            "RS" => Rsa?.VerifyData(token.SignedText, token.Signature, hash, RSASignaturePadding.Pkcs1) == true,
            "PS" => Rsa?.VerifyData(token.SignedText, token.Signature, hash, RSASignaturePadding.Pss) == true,
            "ES" => Curve?.VerifyData(token.SignedText, token.Signature, hash) == true,
            _ => false,
        };
    }

    private static ECCurve? CurveOf(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };

    private static byte[] Bytes(JsonObject key, string name) => Base64Url.DecodeFromChars(key.Text(name) ?? "");
}
