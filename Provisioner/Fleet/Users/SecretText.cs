using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Provisioner.Fleet.Users;

/// <summary>Random bearer secrets: shown once, stored as a hash. 256 random bits need no salt and no slow hash.</summary>
internal static class SecretText
{
    public static string Create(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
