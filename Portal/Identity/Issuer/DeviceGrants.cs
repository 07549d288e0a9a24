using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Portal.Identity.Issuer;

/// <summary>The user's side of the device flow (RFC 8628): who is signed in says yes or no to a code a device shows.</summary>
public sealed class DeviceGrants
{
    // No vowels, so no words; no letters that look like others (RFC 8628, 6.1).
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";

    private readonly IssuerStore store;

    internal DeviceGrants(IssuerStore store) => this.store = store;

    /// <summary>The client that waits under this code; null when none does.</summary>
    public async Task<string?> FindClientAsync(string userCode, CancellationToken cancellationToken)
    {
        await store.PrepareAsync(cancellationToken);
        return await store.FindAsync(Normalize(userCode), cancellationToken) is { UserId: null } grant ? grant.ClientId : null;
    }

    public Task<bool> AnswerAsync(string userCode, Guid userId, bool approved, CancellationToken cancellationToken) =>
        store.AnswerAsync(Normalize(userCode), userId, approved, cancellationToken);

    internal static string NewUserCode()
    {
        var letters = RandomNumberGenerator.GetString(Letters, 8);
        return $"{letters[..4]}-{letters[4..]}";
    }

    internal static string Normalize(string userCode)
    {
        var letters = new StringBuilder();
        foreach (var letter in userCode.ToUpperInvariant().Where(char.IsAsciiLetter)) { letters.Append(letter); }
        return letters.Length == 8 ? letters.Insert(4, '-').ToString() : letters.ToString();
    }
}
