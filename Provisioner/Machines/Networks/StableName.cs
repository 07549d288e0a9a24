using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Provisioner.Machines.Networks;

/// <summary>Twelve hexadecimal digits that stand for a longer name where the kernel allows only a short one.</summary>
internal static class StableName
{
    public static string Of(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];
}
