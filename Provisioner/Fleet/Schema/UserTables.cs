using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class UserTables
{
    public static void Configure(ModelBuilder builder)
    {
        builder.Entity<FleetUser>().ToTable("Users");
        builder.Entity<IdentityRole<Guid>>().ToTable("Roles");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("UserRoles");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("UserClaims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("UserLogins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("UserTokens");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("RoleClaims");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("UserPasskeys");
        builder.Entity<ApiToken>().HasIndex(token => token.Hash).IsUnique();
        builder.Entity<AdminLink>().HasIndex(link => link.Hash).IsUnique();
        builder.Entity<DataProtectionKey>();
        builder.Entity<AuditEntry>().HasIndex(entry => new { entry.ProjectId, entry.At });
        builder.Entity<AuditEntry>().HasIndex(entry => entry.At);
    }
}
