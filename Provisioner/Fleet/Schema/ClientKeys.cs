using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Flotilla.Provisioner.Fleet.Schema;

/// <summary>
/// Our entities are born with their keys. EF must know: it takes an entity that it meets by navigation, with a key it would
/// have generated, for one that is in the database already.
/// </summary>
internal static class ClientKeys
{
    public static void Apply(ModelBuilder builder)
    {
        var ours = builder.Model.GetEntityTypes().Where(entity => IsOurs(entity.ClrType) && !IsIdentity(entity.ClrType));
        foreach (var property in ours.SelectMany(entity => entity.FindPrimaryKey()?.Properties ?? []))
        {
            property.ValueGenerated = ValueGenerated.Never;
        }
    }

    private static bool IsOurs(Type type) => type.Assembly == typeof(ClientKeys).Assembly;

    // ASP.NET Core Identity leaves the keys of its users to EF.
    private static bool IsIdentity(Type type) => type == typeof(Users.FleetUser);
}
