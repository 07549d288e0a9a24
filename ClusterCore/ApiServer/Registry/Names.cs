using System.Security.Cryptography;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Names made by the server from <c>generateName</c>.</summary>
internal static class Names
{
    private const int LongestBase = 58;

    public static string Generate(string prefix) =>
        $"{prefix[..Math.Min(prefix.Length, LongestBase)]}{RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5)}";
}
